var field = kleep.variantField && document.querySelector(kleep.variantField);
return (field && field.value) || given("variant");

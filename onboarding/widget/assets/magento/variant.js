if (given("variant")) { return given("variant"); } // a product without sizes
var variants = JSON.parse(given("variants") || "{}");
var found = Object.keys(variants).filter(function (id) {
  return Object.keys(variants[id]).every(function (attribute) {
    return chosen(attribute) === String(variants[id][attribute]);
  });
});
return found.length === 1 ? found[0] : "";

function chosen(attribute) { // lists, swatches and radio buttons of Luma and Hyvä carry the same name
  var fields = document.querySelectorAll('[name="super_attribute[' + attribute + ']"]');
  for (var at = 0; at < fields.length; at += 1) {
    var isOff = fields[at].type === "radio" && !fields[at].checked;
    if (!isOff && fields[at].value) { return fields[at].value; }
  }
  return "";
}

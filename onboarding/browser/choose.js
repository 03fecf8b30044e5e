// Finds where a visitor chooses a size, and marks the choice number `turn` for the driver. Plain selects,
// Magento's swatches, radio buttons.
(turn) => {
  const MARK = "data-kleep-chosen";
  const words = /size|taille|gr(ö|oe)(ß|ss)e|talla|taglia|maat|storlek|rozmiar|super_attribute|variant|option/i;
  const about = (element) =>
    [element.name, element.id, element.className, element.getAttribute("aria-label"), element.labels?.[0]?.innerText]
      .filter((text) => typeof text === "string").join(" ");
  for (const select of document.querySelectorAll("select")) {
    const options = [...select.options].filter((option) => option.value && !option.disabled);
    if (options.length && words.test(about(select))) {
      const option = options[turn % options.length];
      select.setAttribute(MARK, "");
      return { kind: "select", value: option.value, options: options.length };
    }
  }
  const swatches = [...document.querySelectorAll(".swatch-option.text:not([disabled]):not(.disabled)")];
  if (swatches.length) {
    const swatch = swatches[turn % swatches.length];
    swatch.setAttribute(MARK, "");
    return { kind: "click", value: swatch.dataset.optionId || "", options: swatches.length };
  }
  const radios = [...document.querySelectorAll("input[type=radio]:not(:disabled)")]
    .filter((radio) => words.test(about(radio)));
  if (radios.length) {
    const radio = radios[turn % radios.length];
    (radio.labels?.[0] || radio).setAttribute(MARK, "");
    return { kind: "click", value: radio.value, options: radios.length };
  }
  return null;
}

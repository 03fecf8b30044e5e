// What axe does not look at: one sentence per fault, none where all is well.
() => {
  const faults = [];
  const say = (what, element) => faults.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const all = (selector) => [...document.querySelectorAll(selector)].filter(visible);

  for (const field of all("[aria-invalid=true]")) {
    const ids = [field, field.closest("fieldset")].map((one) => one?.getAttribute("aria-describedby") ?? "");
    if (!ids.join(" ").includes("_error")) say("error not tied to it", field);
  }
  const first = document.querySelector("a[href], button, input:not([type=hidden])");
  if (!first?.matches(".skip-link")) faults.push("the skip link is not the first stop");
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) faults.push("scrolls sideways");

  // contrast of the borders of fields (1.4.11)
  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const background = (element) => {
    for (let node = element; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return { r: 255, g: 255, b: 255 };
  };
  const luminance = ({ r, g, b }) => {
    const [red, green, blue] = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratio = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  for (const field of all("input:not([type=hidden]):not(:checked), select, textarea")) {
    const border = parse(getComputedStyle(field).borderTopColor);
    if (ratio(border, background(field.parentElement)) < 3) say("border too faint", field);
  }
  return faults;
};

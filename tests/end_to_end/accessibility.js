// What a machine can see of WCAG 2.2 AA on a page: one sentence per fault, none where all is well.
() => {
  const faults = [];
  const say = (what, element) => faults.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const all = (selector) => [...document.querySelectorAll(selector)].filter(visible);
  const byIds = (ids) => ids.split(/\s+/).filter(Boolean).map((id) => document.getElementById(id));
  const name = (element) =>
    element.getAttribute("aria-label") ||
    byIds(element.getAttribute("aria-labelledby") ?? "").map((label) => label?.textContent ?? "").join(" ") ||
    [...(element.labels ?? [])].map((label) => label.textContent).join(" ") ||
    element.textContent ||
    element.querySelector("img[alt]")?.alt ||
    "";

  // names
  for (const field of all("input:not([type=hidden]), select, textarea, progress")) {
    if (!name(field).trim()) say("no label", field);
  }
  for (const control of all("a[href], button, summary")) if (!name(control).trim()) say("no name", control);
  for (const image of all("img")) if (!image.hasAttribute("alt")) say("no alt", image);
  for (const region of all("table")) if (!region.querySelector("th[scope]")) say("no header cells", region);

  // references and ids
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) faults.push(`id twice: ${id}`);
  for (const attribute of ["aria-describedby", "aria-labelledby", "aria-controls"]) {
    for (const element of all(`[${attribute}]`)) {
      if (byIds(element.getAttribute(attribute)).includes(null)) say(`${attribute} leads nowhere`, element);
    }
  }
  for (const field of all("[aria-invalid=true]")) {
    if (!(field.getAttribute("aria-describedby") ?? "").includes("_error")) say("error not tied to it", field);
  }

  // structure
  if (!document.documentElement.lang) faults.push("no language");
  if (!document.title.trim()) faults.push("no title");
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  const levels = all("h1, h2, h3, h4").map((heading) => Number(heading.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) faults.push(`not one h1: ${levels}`);
  levels.forEach((level, index) => {
    if (level > (levels[index - 1] ?? level) + 1) faults.push(`heading level skipped: ${levels}`);
  });
  const first = document.querySelector("a[href], button, input:not([type=hidden])");
  if (!first?.matches(".skip-link")) faults.push("the skip link is not the first stop");
  if (document.querySelector("[tabindex]:not([tabindex='0']):not([tabindex='-1'])")) faults.push("tabindex above 0");

  // size of targets (2.5.8), except links within a sentence
  for (const control of all("button, summary, input:not([type=hidden]), select, nav a")) {
    const { width, height } = control.getBoundingClientRect();
    const spare = control.type === "checkbox" || control.closest(".skip-link");
    if (!spare && (width < 24 || height < 24)) say(`only ${width}x${height} px`, control);
  }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) faults.push("scrolls sideways");

  // contrast
  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const background = (element) => {
    const chain = [];
    for (let node = element; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      chain.push(colour);
      if (colour.a === 1) break;
    }
    return chain.reverse().reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
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
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  for (const element of all("body *")) {
    if (!hasText(element) || element.closest(".visually-hidden, .skip-link, :disabled")) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const behind = background(element);
    const found = ratio(over(parse(style.color), behind), behind);
    if (found < (isLarge ? 3 : 4.5)) say(`contrast ${found.toFixed(2)}`, element);
  }
  for (const field of all("input:not([type=hidden]):not([type=checkbox]), select, textarea")) {
    const border = parse(getComputedStyle(field).borderTopColor);
    if (ratio(border, background(field.parentElement)) < 3) say("border too faint", field);
  }
  return faults;
};

// What a person sees of the button: given the element, gives plain data. Changes nothing on the page.
(button) => {
  const name = (element) => {
    if (!element) return "";
    const id = element.id ? `#${element.id}` : "";
    const first = typeof element.className === "string" ? element.className.trim().split(/\s+/)[0] : "";
    return element.tagName.toLowerCase() + (id || (first ? `.${first}` : ""));
  };
  const parent = (element) =>
    element.assignedSlot || element.parentElement || element.getRootNode().host || null;
  const hiddenBy = () => {
    if (button.hidden) return "hidden";
    for (let element = button; element; element = parent(element)) {
      const style = getComputedStyle(element);
      for (const [property, value] of [["display", "none"], ["visibility", "hidden"], ["visibility", "collapse"]])
        if (style[property] === value) return `${property}: ${value} (${name(element)})`;
      if (Number(style.opacity) < 0.1) return `opacity: ${style.opacity} (${name(element)})`;
    }
    return "";
  };
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = color;
    brush.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const background = (element) => {
    const layers = [];
    for (; element; element = parent(element)) {
      const style = getComputedStyle(element);
      if (style.backgroundImage !== "none") return null;
      const color = rgba(style.backgroundColor);
      if (color[3] > 0) layers.push(color);
      if (color[3] >= 1) break;
    }
    return layers.reduceRight((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const textParent = (element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (walker.currentNode.data.trim()) return walker.currentNode.parentElement;
    return null;
  };
  const contrast = () => {
    const holder = textParent(button);
    const behind = holder && background(holder);
    if (!behind) return null;
    const ink = over(rgba(getComputedStyle(holder).color), behind);
    const [light, dark] = [luminance(ink), luminance(behind)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  button.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const box = button.getBoundingClientRect();
  const root = button.getRootNode();
  const points = [[0.5, 0.5], [0.25, 0.3], [0.75, 0.3], [0.25, 0.7], [0.75, 0.7]];
  const above = points.map(([x, y]) => {
    const hit = root.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return hit === button || button.contains(hit) ? "" : name(hit) || "?";
  });
  const covered = above.filter(Boolean);
  const style = getComputedStyle(button);
  const place = [];
  for (let element = parent(button); element && place.length < 4; element = parent(element)) place.push(name(element));
  const middle = [box.left + box.width / 2, box.top + box.height / 2];
  return {
    hidden_by: hiddenBy(),
    width: box.width,
    height: box.height,
    is_within_view:
      middle[0] >= 0 && middle[1] >= 0 && middle[0] <= innerWidth && middle[1] <= innerHeight,
    covered_by: covered[0] || "",
    covered_share: covered.length / points.length,
    contrast: contrast(),
    text: button.innerText.trim().slice(0, 80),
    look: [
      style.color, style.backgroundColor, style.fontFamily, style.fontSize, style.position,
      style.borderRadius, button.innerText.trim().slice(0, 80), ...place,
    ].join("|").slice(0, 600),
  };
}

// What can be reached with the keyboard and does not look otherwise when it is: one sentence each.
// Asked after a key was pressed: only then does the browser show where the focus is.
() => {
  const TABBED = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  // Some are marked by what holds them.
  const HOLDERS = ".choice, .file-drop";
  const look = (element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return [outlineStyle === "none" ? "" : outlineWidth, boxShadow].join(" ");
  };
  const looks = (element) => [element, element.closest(HOLDERS)].map((one) => one && look(one)).join();
  const found = [], seen = new Set();
  for (const element of document.querySelectorAll(TABBED)) {
    // One of each kind: every change of the focus makes the browser think about the whole page.
    const kind = [element.tagName, element.type, element.className, element.parentElement.className].join();
    if (seen.has(kind) || element.disabled || !element.checkVisibility({ visibilityProperty: true })) continue;
    seen.add(kind);
    document.activeElement.blur();
    const before = looks(element);
    element.focus({ preventScroll: true });
    if (document.activeElement === element && looks(element) === before) {
      found.push(`focus is not shown: ${element.outerHTML.slice(0, 120)}`);
    }
  }
  return found;
}

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
  const found = [];
  for (const element of document.querySelectorAll(TABBED)) {
    if (element.disabled || !element.checkVisibility({ visibilityProperty: true })) continue;
    document.activeElement.blur();
    const before = looks(element);
    element.focus({ preventScroll: true });
    if (document.activeElement === element && looks(element) === before) {
      found.push(`focus is not shown: ${element.outerHTML.slice(0, 120)}`);
    }
  }
  return found;
}

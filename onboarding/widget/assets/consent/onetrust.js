function oneTrustGroups(groups) {
  if (groups.indexOf(kleep.consent) >= 0) { start(); }
}
oneTrustGroups(String(window.OnetrustActiveGroups || "").split(","));
window.addEventListener("OneTrustGroupsUpdated", function (event) { oneTrustGroups(event.detail || []); });

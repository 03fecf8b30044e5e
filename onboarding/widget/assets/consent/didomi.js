function didomiChanged() {
  var vendor = window.Didomi.getCurrentUserStatus().vendors[kleep.consent];
  if (vendor && vendor.enabled) { start(); }
}
(window.didomiOnReady = window.didomiOnReady || []).push(didomiChanged);
(window.didomiEventListeners = window.didomiEventListeners || []).push({
  event: "consent.changed", listener: didomiChanged
});

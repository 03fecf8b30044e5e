function isKleep(service) {
  return service.id === kleep.consent || service.templateId === kleep.consent || service.name === kleep.consent;
}
function usercentricsChanged() {
  if (window.__ucCmp) { // version 3
    window.__ucCmp.getConsentDetails().then(function (details) {
      Object.keys(details.services || {}).forEach(function (id) {
        var service = details.services[id];
        if ((id === kleep.consent || isKleep(service)) && service.consent && service.consent.given) { start(); }
      });
    });
  } else if (window.UC_UI && window.UC_UI.isInitialized()) { // version 2
    window.UC_UI.getServicesBaseInfo().forEach(function (service) {
      if (isKleep(service) && service.consent && service.consent.status) { start(); }
    });
  }
}
usercentricsChanged();
window.addEventListener("UC_UI_INITIALIZED", usercentricsChanged);
window.addEventListener("UC_UI_CMP_EVENT", usercentricsChanged);

(window._axcb = window._axcb || []).push(function (axeptio) {
  axeptio.on("cookies:complete", function (choices) {
    if (choices[kleep.consent]) { start(); }
  });
});

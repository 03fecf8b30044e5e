// What a tag manager does with a tag of HTML: puts it into the page when its trigger fires.
"use strict";
(function () {
  const held = document.getElementById("gtm-tag");
  const made = document.createRange().createContextualFragment(held.dataset.tag);
  held.after(made);
})();

// Scripts of other vendors that fail, as they do on most shops: nothing of it is Kleep's.
"use strict";
console.error("[analytics] could not read the property 'id' of undefined");
fetch(`http://localhost:${location.port}/vendor/collect`).catch(() => {}); // no CORS header: blocked
const missing = document.createElement("script");
missing.src = "/vendor/missing.js";
document.head.append(missing);
setTimeout(() => { throw new TypeError("vendor.track is not a function"); });

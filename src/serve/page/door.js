// Trades the token in the address's fragment, which no server sees and no history should keep.
"use strict";
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  history.replaceState(null, "", location.pathname + location.search);
  fetch("/session", { method: "POST", body: new URLSearchParams({ token }) }).then((answer) => {
    if (answer.ok) location.reload();
    else document.getElementById("token").focus();
  });
}

// A link to another device has its code behind the #, which no server and no preview is sent.
const field = document.querySelector("input[name=code]");
const code = decodeURIComponent(location.hash.slice(1));
if (code && !field.value) {
  field.value = code;
  history.replaceState(null, "", location.pathname); // so that the history of the browser does not keep it
}

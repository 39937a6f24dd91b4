// Offers the time zone of the browser where another one is chosen.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const field = document.querySelector("select[name=time_zone]");
const offer = document.querySelector("[data-time-zone]");
if ([...field.options].some((option) => option.value === zone) && field.value !== zone) {
  offer.querySelector("b").textContent = zone.replaceAll("_", " ");
  offer.hidden = false;
  offer.querySelector("button").addEventListener("click", () => {
    field.value = zone;
    field.focus();
    offer.hidden = true;
  });
}

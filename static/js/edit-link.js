// Shows the link to the form to curators: a cookie that grants nothing says who may be one.
const show = () => {
  const isCurator = /(^|; )curator=1(;|$)/.test(document.cookie);
  for (const link of document.querySelectorAll("[data-edit]")) link.hidden = !isCurator;
};
show();
addEventListener("pageshow", show); // a page that Back brings may be from before a log-out

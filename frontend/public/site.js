// The public pages are the same for everybody. Who left a session in this browser is shown the way back into it.
if (localStorage.getItem("kintsugi.session") !== null) {
  for (const link of document.querySelectorAll("[data-open]")) {
    link.textContent = link.dataset.open;
    link.href = "/app";
  }
}

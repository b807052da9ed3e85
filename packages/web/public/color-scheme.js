// Before the first paint: the chosen colour scheme, so that a dark page never flashes white.
(function () {
  var value = null;
  try {
    value = localStorage.getItem('muster.color-scheme');
  } catch {
    // Storage may be forbidden; the system's preference then decides.
  }
  var dark = value === 'dark' || (value !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();

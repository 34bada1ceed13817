// A browser under LANG=C calls its language en-US@posix, which no formatter takes: the charts would throw while they
// are loaded, and with them the page. So it comes before them.
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en' });
}

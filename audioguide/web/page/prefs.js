// What a listener chose for the player on this device: kept by the browser, where it lets us.

export function loadChoice(name, fallback) {
  try {
    return localStorage.getItem(`player ${name}`) ?? fallback;
  } catch {
    return fallback;
  }
}

export function saveChoice(name, value) {
  try {
    localStorage.setItem(`player ${name}`, value);
  } catch {
    // it is forgotten with this page
  }
}

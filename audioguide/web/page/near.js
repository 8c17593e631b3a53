// What is only made when it comes near the screen, so that a list of hundreds is there at once.

const acts = new WeakMap();
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      acts.get(target)();
    }
  },
  { rootMargin: "200px" },
);

// Calls `act` once, when the element comes near the screen.
export function whenNear(element, act) {
  acts.set(element, act);
  watcher.observe(element);
  return element;
}

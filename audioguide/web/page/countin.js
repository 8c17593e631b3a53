// A start that waits: the seconds are seen, and softly heard, so that one can lie down first.

const LOUD = 0.04; // of full scale
const LAST = 3; // seconds whose tick is higher

let context = null;

// A short soft tone. The context is made while the listener taps: otherwise it would be silent.
function tick(pitch) {
  const [tone, volume] = [context.createOscillator(), context.createGain()];
  const now = context.currentTime;
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, now);
  volume.gain.linearRampToValueAtTime(LOUD, now + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.0001, now + 0.18);
  tone.connect(volume).connect(context.destination);
  tone.start(now);
  tone.stop(now + 0.2);
}

// Calls `show` with each second that is left, then `start`. Returns a function that stops this.
export function countIn(seconds, show, start) {
  context ??= globalThis.AudioContext ? new AudioContext() : null;
  context?.resume();
  const end = performance.now() + 1000 * seconds;
  let told = -1;
  const timer = setInterval(look, 50);
  look();

  function look() {
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left === told) return;
    told = left;
    if (left <= 0) {
      clearInterval(timer);
      return start();
    }
    show(left);
    if (context) tick(left <= LAST ? 660 : 440);
  }

  return () => clearInterval(timer);
}

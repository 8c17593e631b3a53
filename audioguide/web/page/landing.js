// A tap on a chapter plays it in place. Without this, the browser opens the sound there by itself.

for (const link of document.querySelectorAll("article li a")) {
  const audio = link.closest("article").querySelector("audio");
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const seconds = Number(new URL(link.href).hash.slice("#t=".length));
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    const started = audio.play().catch(() => {});
    if (audio.readyState === 0) await new Promise((ready) => audio.addEventListener("loadedmetadata", ready, { once: true }));
    audio.currentTime = seconds;
    await started;
  });
}

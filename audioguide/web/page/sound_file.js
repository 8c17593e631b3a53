// Exported files: what they are, and the part of one that holds its session. The server needs no more of it.

const HEAD_BYTES = 1_000_000; // of formats that begin with their tags, all of which are smaller
const MOST_BYTES = 4_000_000; // the server refuses more
const MOST_BOXES = 100;

export const SOUND_TYPES = {
  mp3: "audio/mpeg",
  m4a: "audio/mp4",
  m4b: "audio/x-m4b",
  opus: "audio/ogg",
  flac: "audio/flac",
  wav: "audio/wav",
};

export async function readHead(file, type) {
  if (type === SOUND_TYPES.mp3) return file.slice(0, await tagBytes(file));
  if (type === SOUND_TYPES.m4a || type === SOUND_TYPES.m4b) return indexOf(file);
  return file.slice(0, HEAD_BYTES);
}

async function tagBytes(file) {
  const head = new Uint8Array(await file.slice(0, 10).arrayBuffer());
  const size = head.slice(6).reduce((sum, byte) => sum * 128 + byte, 10); // ID3v2: seven bits of each
  return Math.min(Math.max(size, HEAD_BYTES), MOST_BYTES);
}

// The first box of an M4A and its index, which other programs move behind the sound.
async function indexOf(file) {
  const parts = [];
  for (let at = 0, box = 0; at + 8 <= file.size && box < MOST_BOXES; box += 1) {
    const head = await file.slice(at, at + 16).arrayBuffer();
    const view = new DataView(head);
    const kind = String.fromCharCode(...new Uint8Array(head, 4, 4));
    let size = view.getUint32(0);
    if (size === 1 && head.byteLength === 16) size = Number(view.getBigUint64(8));
    if (size < 8) break;
    if (kind === "ftyp" || kind === "moov") parts.push(file.slice(at, at + Math.min(size, MOST_BYTES)));
    at += size;
  }
  const found = new Blob(parts);
  return found.size ? found.slice(0, MOST_BYTES) : file.slice(0, HEAD_BYTES);
}

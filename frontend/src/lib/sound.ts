/** Two short notes, made here: nothing to fetch, and silent where the browser wants a press first. */
const NOTES = [
  { hertz: 660, at: 0 },
  { hertz: 880, at: 0.09 },
];
const LENGTH_S = 0.12;

export function playSound(): void {
  if (!("AudioContext" in window)) return;
  const context = new AudioContext();
  for (const { hertz, at } of NOTES) {
    const note = new OscillatorNode(context, { type: "square", frequency: hertz });
    const volume = new GainNode(context, { gain: 0.05 });
    note.connect(volume).connect(context.destination);
    note.start(context.currentTime + at);
    note.stop(context.currentTime + at + LENGTH_S);
  }
  setTimeout(() => void context.close(), 1000);
}

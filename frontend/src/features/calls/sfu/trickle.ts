/** Candidates go in batches: the door lets so many frames through a second. */
const BATCH_MS = 50;

export function trickled(pc: RTCPeerConnection, send: (candidates: readonly object[]) => void): void {
  const batch: object[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  pc.onicecandidate = ({ candidate }) => {
    batch.push(candidate === null ? { completed: true } : candidate.toJSON());
    timer ??= setTimeout(() => {
      timer = undefined;
      send(batch.splice(0));
    }, BATCH_MS);
  };
}

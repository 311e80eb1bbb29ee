/** Where a vendor's SDK may put its players: each is mute from the moment it is there. */

export interface MutedSink {
  id: string;
  remove(): void;
}

let made = 0;

export function mutedSink(): MutedSink {
  const place = document.createElement("div");
  place.id = `muted-sink-${++made}`;
  place.hidden = true;
  const watch = new MutationObserver(() => {
    for (const player of place.querySelectorAll("audio")) player.muted = true;
  });
  watch.observe(place, { childList: true, subtree: true });
  document.body.append(place);
  return {
    id: place.id,
    remove() {
      watch.disconnect();
      place.remove();
    },
  };
}

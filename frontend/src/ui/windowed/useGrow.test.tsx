import { signal } from "@preact/signals";
import { act, renderHook } from "@testing-library/preact";
import { expect, it, vi } from "vitest";

import { useGrow, type Growing } from "./useGrow";

/** A history of which each page comes when the test says so. */
function history() {
  const loading = signal(false);
  const ends: (() => void)[] = [];
  const loadOlder = vi.fn(() => {
    loading.value = true;
    return new Promise<void>((resolve) =>
      ends.push(() => {
        loading.value = false;
        resolve();
      }),
    );
  });
  const view = { hasOlder: signal(true), hasNewer: signal(false), trouble: signal<string | null>(null), loading, loadOlder };
  return { view, loadOlder, comes: () => act(() => ends.shift()?.()) };
}

function at(first: number, history: Growing) {
  return { history, items: [], span: { first, last: first + 20 }, isPlaced: { current: true }, isSettled: true };
}

it("asks for the next page when one has come and the reader is at the top again", async () => {
  const { view, loadOlder, comes } = history();
  const { rerender } = renderHook((options: ReturnType<typeof at>) => useGrow(options), { initialProps: at(0, view) });
  expect(loadOlder).toHaveBeenCalledOnce();
  // The page is there, its rows above; before the asking ended the reader has dragged to the top of them.
  rerender(at(0, view));
  expect(loadOlder).toHaveBeenCalledOnce();
  await comes();
  expect(loadOlder).toHaveBeenCalledTimes(2);
});

it("asks once for one reach of the top", async () => {
  const { view, loadOlder, comes } = history();
  const { rerender } = renderHook((options: ReturnType<typeof at>) => useGrow(options), { initialProps: at(0, view) });
  rerender(at(50, view));
  await comes();
  expect(loadOlder).toHaveBeenCalledOnce();
});

it("does not ask after a failure until somebody tries again", async () => {
  const { view, loadOlder, comes } = history();
  renderHook((options: ReturnType<typeof at>) => useGrow(options), { initialProps: at(0, view) });
  view.trouble.value = "No";
  await comes();
  expect(loadOlder).toHaveBeenCalledOnce();
});

import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { useState } from "preact/hooks";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { setLanguage } from "@/lib/i18n";

import { lazily } from "./lazily";
import { toast } from "./toast";

vi.mock("./toast", () => ({ toast: vi.fn() }));

interface PartProps {
  onClose: () => void;
}

const Part = ({ onClose }: PartProps) => <button onClick={onClose}>Part</button>;

function page(load: () => Promise<typeof Part>) {
  const Lazy = lazily(load);
  return function Page() {
    const [open, setOpen] = useState(false);
    return (
      <>
        <button onClick={() => setOpen(true)}>Show</button>
        {open && <Lazy onClose={() => setOpen(false)} />}
      </>
    );
  };
}

const show = () => fireEvent.click(screen.getByText("Show"));

beforeEach(() => setLanguage("en"));
afterEach(cleanup);

it("is fetched once, when it is first shown", async () => {
  const load = vi.fn(() => Promise.resolve(Part));
  const Page = page(load);
  render(<Page />);
  expect(load).not.toHaveBeenCalled();
  show();
  fireEvent.click(await screen.findByText("Part"));
  show();
  expect(screen.getByText("Part")).toBeTruthy();
  expect(load).toHaveBeenCalledOnce();
});

it("says that it did not come, and comes when it is asked for again", async () => {
  const load = vi.fn(() => Promise.resolve(Part)).mockRejectedValueOnce(new TypeError("offline"));
  const Page = page(load);
  render(<Page />);
  show();
  await waitFor(() => expect(toast).toHaveBeenCalledWith(expect.stringContaining("could not be loaded"), { tone: "danger" }));
  show();
  expect(await screen.findByText("Part")).toBeTruthy();
});

it("does not come any more once Escape has left it", async () => {
  let come: (part: typeof Part) => void = () => undefined;
  const waiting = new Promise<typeof Part>((resolve) => (come = resolve));
  const Page = page(() => waiting);
  render(<Page />);
  show();
  expect(fireEvent.keyDown(document.body, { key: "Escape" })).toBe(false);
  await act(async () => {
    come(Part);
    await waiting;
  });
  expect(screen.queryByText("Part")).toBeNull();
});

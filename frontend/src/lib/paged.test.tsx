import { act, cleanup, fireEvent, render, screen } from "@/lib/testing/library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Page } from "./api";
import { setLanguage } from "./i18n";
import { usePaged } from "./paged";
import type { Paged } from "./paged";

let list: Paged<number>;

function List({ load }: { load: () => Promise<Page<number>> }) {
  list = usePaged(load);
  return (
    <>
      <p>{list.data === null ? "nothing yet" : `numbers ${list.data.join()}`}</p>
      {list.trouble !== null && <p role="alert">{list.trouble}</p>}
      {list.hasMore && !list.loading && <button onClick={list.more}>More</button>}
    </>
  );
}

const page = (results: number[], next: string | null = null): Page<number> => ({ results, next, previous: null });
const show = (load: () => Promise<Page<number>>) => render(<List load={load} />);
const pressMore = async () => fireEvent.click(await screen.findByRole("button", { name: "More" }));

beforeEach(() => setLanguage("en"));
afterEach(cleanup);

describe("a list that comes in pages", () => {
  it("ends with the page that has none after it", async () => {
    show(() => Promise.resolve(page([1, 2])));
    expect(screen.getByText("nothing yet")).toBeTruthy();
    expect(await screen.findByText("numbers 1,2")).toBeTruthy();
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("says why it did not come, and is asked for again", async () => {
    const load = vi.fn<() => Promise<Page<number>>>().mockRejectedValueOnce(new Error("lost")).mockResolvedValue(page([7]));
    show(load);
    expect((await screen.findByRole("alert")).textContent).toBe("Something went wrong.");
    await act(() => list.reload());
    expect(await screen.findByText("numbers 7")).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("goes on with the next page, also after that page failed once", async () => {
    const answers = [
      Response.json({ error: "Come back later.", code: "busy" }, { status: 503 }),
      Response.json(page([3])),
    ];
    vi.stubGlobal("fetch", () => Promise.resolve(answers.shift()));
    show(() => Promise.resolve(page([1, 2], "/api/numbers?page=2")));
    await pressMore();
    expect((await screen.findByRole("alert")).textContent).toBe("Come back later.");
    expect(screen.getByText("numbers 1,2")).toBeTruthy();
    await pressMore();
    expect(await screen.findByText("numbers 1,2,3")).toBeTruthy();
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("takes a change the server has confirmed", async () => {
    show(() => Promise.resolve(page([1, 2])));
    await screen.findByText("numbers 1,2");
    await act(() => list.change((numbers) => numbers.filter((number) => number !== 1)));
    expect(screen.getByText("numbers 2")).toBeTruthy();
  });

  it("forgets everything when it becomes another list", async () => {
    const { rerender } = show(() => Promise.resolve(page([1, 2])));
    await screen.findByText("numbers 1,2");
    rerender(<List load={() => new Promise(() => undefined)} />);
    expect(await screen.findByText("nothing yet")).toBeTruthy();
  });
});

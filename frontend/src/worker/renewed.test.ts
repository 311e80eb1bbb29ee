import { expect, it, vi } from "vitest";

const world = vi.hoisted(() => ({ subscribe: vi.fn(() => Promise.resolve({})), tabs: [] as unknown[] }));
vi.mock("./scope", () => ({
  worker: {
    registration: { pushManager: { subscribe: world.subscribe } },
    clients: { matchAll: () => Promise.resolve(world.tabs) },
  },
}));

import { renewed } from "./notices";

const options = { userVisibleOnly: true, applicationServerKey: "key" };
const change = (part: object) => ({ oldSubscription: null, newSubscription: null, ...part }) as never;

function tab(path: string) {
  const made = { url: `http://localhost${path}`, postMessage: vi.fn() };
  world.tabs.push(made);
  return made.postMessage;
}

it("asks for another address in the place of the one that ended, and lets an open page of the client tell the server", async () => {
  world.tabs = [];
  const [app, site] = [tab("/app/chat"), tab("/pricing")];
  await renewed(change({ oldSubscription: { options } }));
  expect(world.subscribe.mock.calls).toEqual([[options]]);
  expect(app.mock.calls).toEqual([[{ type: "renewed" }]]);
  expect(site).not.toHaveBeenCalled();
});

it("takes the address that the browser has made already", async () => {
  world.tabs = [];
  const app = tab("/app");
  world.subscribe.mockClear();
  await renewed(change({ oldSubscription: { options }, newSubscription: { options } }));
  expect(world.subscribe).not.toHaveBeenCalled();
  expect(app).toHaveBeenCalledWith({ type: "renewed" });
});

it("tells the pages also where no other address can be had", async () => {
  world.tabs = [];
  const app = tab("/app");
  world.subscribe.mockRejectedValueOnce(new Error("no push service"));
  await renewed(change({ oldSubscription: { options } }));
  expect(app).toHaveBeenCalledWith({ type: "renewed" });
});

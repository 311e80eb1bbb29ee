import { cleanup, render, screen } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it } from "vitest";

import type { UploadedFile } from "@/lib/api";
import { setLanguage } from "@/lib/i18n";
import { json, serve } from "@/lib/testing/serve";

import { Uploads } from "./uploads";
import { UploadTray } from "./UploadTray";

const FILE = { id: "f1", name: "lyst.txt", kind: "text", size: 5, url: "/f1", encoding: "cp1252" } as unknown as UploadedFile;

beforeEach(() => setLanguage("en"));
afterEach(cleanup);

function tray(file: UploadedFile): Uploads {
  const uploads = new Uploads();
  uploads.restore([file]);
  render(<UploadTray uploads={uploads} />);
  return uploads;
}

it("says what a text was taken for that was no Unicode, and reads it otherwise", async () => {
  const server = serve({ "PATCH /api/files/f1": () => json({ ...FILE, encoding: "cp1251" }) });
  const uploads = tray(FILE);
  expect(screen.getByRole("button", { name: /Read as.*cp1252/ })).toBeTruthy();
  await uploads.readAs(uploads.list.value[0]?.key ?? 0, FILE, "cp1251");
  expect(await server.bodies("/api/files/f1")).toEqual([{ encoding: "cp1251" }]);
  expect(await screen.findByRole("button", { name: /Read as.*cp1251/ })).toBeTruthy();
});

it("asks nothing about a text whose encoding is known", () => {
  tray({ ...FILE, encoding: "" });
  expect(screen.queryByRole("button", { name: /Read as/ })).toBeNull();
});

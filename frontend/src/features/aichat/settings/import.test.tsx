import { cleanup, fireEvent, render, screen } from "@/lib/testing/library";
import { afterEach, beforeEach, expect, it } from "vitest";

import { config } from "@/lib/config";
import { SERVER_CONFIG } from "@/lib/testing/config";
import { json, serve } from "@/lib/testing/serve";

import { ImportCard } from "./ImportCard";

beforeEach(() => void (config.value = SERVER_CONFIG));
afterEach(cleanup);

it("says what to do with an export that is too large, and sends nothing", async () => {
  const server = serve({ "GET /api/jobs": () => json({ results: [], next: null }) });
  const { container } = render(<ImportCard />);
  const file = new File(["{}"], "export.zip");
  Object.defineProperty(file, "size", { value: 20_000_001 });
  const [field = container] = container.querySelectorAll("input[type=file]");
  Object.defineProperty(field, "files", { value: [file] });
  fireEvent.change(field);
  expect(await screen.findByText("An export may have 20 MB here")).toBeTruthy();
  expect(screen.getByText(/Take conversations.json out/)).toBeTruthy();
  expect(server.count("/api/chats/imports")).toBe(0);
});

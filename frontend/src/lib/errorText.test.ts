import { beforeEach, expect, it, vi } from "vitest";

import { ApiError } from "./api";
import { errorText } from "./errorText";
import { setLanguage } from "./i18n";

beforeEach(() => setLanguage("uk"));

it("says an error of the server in the reader's language, by its code", async () => {
  const full = new ApiError("This group has as many members as a group can have.", 409, "group_full");
  await vi.waitFor(() => expect(errorText(full)).toBe("У цій групі вже стільки учасників, скільки може бути."));
  expect(errorText(new ApiError("Not found.", 404, "not_found"))).toBe(
    "Цього тут немає. Можливо, його видалили, або воно не ваше.",
  );
  setLanguage("en");
  expect(errorText(full)).toBe("This group has as many members as a group can have.");
});

it("keeps what only the server's sentence says, where one code has many", () => {
  const large = new ApiError("This file is larger than 20 MB.", 413, "file_too_large");
  expect(errorText(large)).toBe("Файл завеликий. This file is larger than 20 MB.");
});

it("falls back to the server's sentence for a code it does not know", () => {
  expect(errorText(new ApiError("As told.", 409, "toString"))).toBe("As told.");
});

it("says how long to wait", () => {
  expect(errorText(new ApiError("Rate limit exceeded", 429, "rate_limited", {}, 90))).toContain("1:30");
});

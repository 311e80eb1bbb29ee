import { beforeEach, describe, expect, it } from "vitest";

import { checkEmail, checkPassword, checkUsername, problems } from "./accountRules";
import { setLanguage } from "./i18n";

beforeEach(() => setLanguage("en"));

describe("checkUsername", () => {
  it.each(["abc", "A-b_9", "x".repeat(50)])("takes %s", (name) => expect(checkUsername(name)).toBeUndefined());
  it.each(["", "ab", "x".repeat(51), "аліса", "a b c", "a@b"])("refuses %s", (name) =>
    expect(checkUsername(name)).toBeTypeOf("string"),
  );
});

describe("checkPassword", () => {
  it.each(["abcdefg1", "пароль12", "1234567a"])("takes %s", (word) => expect(checkPassword(word)).toBeUndefined());
  it.each(["", "abc1", "abcdefgh", "12345678", "😀😀😀a1"])("refuses %s", (word) =>
    expect(checkPassword(word)).toBeTypeOf("string"),
  );
});

describe("checkEmail", () => {
  it("takes an address with spaces around it", () => expect(checkEmail(" a@b.co ")).toBeUndefined());
  it.each(["", "a", "a@b", "a b@c.d"])("refuses %s", (address) => expect(checkEmail(address)).toBeTypeOf("string"));
});

describe("problems", () => {
  it("keeps what has something to say", () => {
    expect(problems({ a: undefined, b: "No." })).toEqual({ b: "No." });
  });
});

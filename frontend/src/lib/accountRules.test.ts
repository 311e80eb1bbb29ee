import { beforeEach, describe, expect, it } from "vitest";

import { checkEmail, checkPassword, checkUsername, problems } from "./accountRules";
import { config } from "./config";
import { setLanguage } from "./i18n";
import { SERVER_CONFIG } from "./testing/config";

beforeEach(() => {
  setLanguage("en");
  config.value = SERVER_CONFIG;
});

describe("checkUsername", () => {
  it.each(["abc", "A-b_9", "x".repeat(50)])("takes %s", (name) => expect(checkUsername(name)).toBeUndefined());
  it.each(["", "ab", "x".repeat(51), "аліса", "a b c", "a@b"])("refuses %s", (name) =>
    expect(checkUsername(name)).toBeTypeOf("string"),
  );
});

describe("checkPassword", () => {
  it.each(["abcdefg1", "гармата-без-колеса", "83619472", "!?!?!?!?"])("takes %s", (word) => expect(checkPassword(word)).toBeUndefined());
  it.each(["", "abc1", "abcdefg", "😀😀😀a1"])("refuses %s", (word) =>
    expect(checkPassword(word)).toBeTypeOf("string"),
  );
});

describe("a server that was not asked yet", () => {
  beforeEach(() => (config.value = null));

  it("decides itself how long names and passwords are", () => {
    expect(checkUsername("a".repeat(60))).toBeUndefined();
    expect(checkPassword("a1")).toBeUndefined();
  });
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

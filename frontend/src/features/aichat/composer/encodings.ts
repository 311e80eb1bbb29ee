import type { Encoding } from "../shapes";

/** What a text may be read as, by the server's names: those of Ukrainian and its neighbours first, then the others. */
export const ENCODINGS: readonly Encoding[] = [
  "cp1251",
  "koi8-u",
  "cp866",
  "mac-cyrillic",
  "cp1252",
  "cp1250",
  "iso8859-2",
  "cp852",
  "cp1253",
  "cp1254",
  "cp1255",
  "cp1256",
  "cp1257",
  "gb18030",
  "big5",
  "cp932",
  "euc-jp",
  "cp949",
  "utf-16-le",
  "utf-16-be",
];

/** The citation styles that the server sets; their names are the same in all languages. */
export const STYLES: readonly { id: string; name: string }[] = [
  { id: "apa", name: "APA" },
  { id: "dstu-8302-2015", name: "ДСТУ 8302:2015" },
  { id: "gost-r-7-0-5-2008", name: "ГОСТ Р 7.0.5-2008" },
  { id: "harvard-cite-them-right", name: "Harvard" },
  { id: "ieee", name: "IEEE" },
  { id: "nlm-citation-sequence", name: "Vancouver" },
];

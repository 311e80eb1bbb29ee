/** Testing Library, patient: what counts is what is found, not how long a busy machine took to show it. */
import { configure } from "@testing-library/preact";

configure({ asyncUtilTimeout: 15_000 });

export * from "@testing-library/preact";

/** Rows of the server for tests. */
import type { Citation, Lamp, PaperDocument, Run, Section, SectionBrief, Source } from "../shapes";

export function sectionBrief(number: number, change: Partial<SectionBrief> = {}): SectionBrief {
  return {
    id: `s${number}`,
    number,
    level: 1,
    title: `Section ${number}`,
    goal: "Shows what is known.",
    target_words: 300,
    needs_sources: true,
    status: "pending",
    words: 0,
    pages: 0,
    error: null,
    version: 1,
    ...change,
  };
}

export function section(number: number, change: Partial<Section> = {}): Section {
  return { ...sectionBrief(number, { status: "completed" }), content: [], styled: null, summary: "", ...change };
}

export function run(change: Partial<Run> = {}): Run {
  return {
    job_id: "j1",
    document_id: "d1",
    kind: "full",
    status: "running",
    stage: "write",
    progress: 20,
    section: 1,
    paused_for: "",
    resumes_at: null,
    tokens: 0,
    cost: "0",
    error: null,
    check_url: "/api/jobs/j1/status",
    ...change,
  };
}

export function paper(change: Partial<PaperDocument> = {}): PaperDocument {
  return {
    id: "d1",
    title: "Sleep of nurses",
    topic: "How night shifts change the sleep of nurses",
    kind: "essay",
    language: "en",
    target_pages: 10,
    status: "generating",
    stage: "write",
    words: 0,
    pages: 0,
    is_demo: false,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    model: "",
    citation_style: "",
    additional_requirements: "",
    requirements: null,
    outline: { version: 1, sections: [sectionBrief(1, { status: "writing" }), sectionBrief(2)] },
    run: run(),
    tokens_used: 0,
    completed_at: null,
    ...change,
  };
}

export function lamp(change: Partial<Lamp> = {}): Lamp {
  return { lamp: "green", reasons: [], method: "computed", evidence: "", detail: "", at: null, ...change };
}

export function citation(change: Partial<Citation> = {}): Citation {
  return {
    id: "c1",
    section: 1,
    number: 1,
    source: "S1",
    sentence: "Nurses sleep 82 minutes less.",
    claim: "Sleep is 82 minutes shorter.",
    quote: "sleep was shorter by 82 minutes on average",
    locator: "abstract",
    lamps: { exists: lamp(), metadata: lamp(), retraction: lamp(), support: lamp() },
    override_reason: "",
    overridden_at: null,
    confirmed_at: null,
    ...change,
  };
}

export function source(change: Partial<Source> = {}): Source {
  return {
    id: "q1",
    key: "S1",
    provider: "openalex",
    doi: "10.5555/demo.1",
    csl: { title: "Night shifts", author: [{ family: "Sampleton" }, { family: "Muster" }], issued: { "date-parts": [[2019]] } },
    abstract: "",
    passages: [],
    is_user_added: false,
    is_excluded: false,
    is_demo: false,
    retraction: "",
    lamps: {},
    checked_at: null,
    ...change,
  };
}

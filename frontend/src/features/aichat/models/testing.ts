/** A model as the catalogue has it. Tests only. */
import type { Model } from "../shapes";

export function model(id: string, fields: Partial<Model> = {}): Model {
  return {
    id,
    name: id.toUpperCase(),
    provider: "openai",
    context_window: 1_050_000,
    max_output_tokens: 128_000,
    min_tier: "basic",
    available: true,
    vision: false,
    tools: true,
    is_demo: false,
    parameters: [],
    input_price: "2",
    output_price: "10",
    maker: "OpenAI",
    group: "main",
    default: false,
    for_new_chats: true,
    sees: [],
    efforts: ["low", "medium", "high"],
    effort: "medium",
    sampling: "no",
    speed: "usual",
    until: null,
    successor: null,
    price: null,
    next_price: null,
    typical_cost: "0.0043",
    ...fields,
  };
}

package io.trimtab.serving.openai;

/** Whether an answer tells its tokens and their log-probabilities beside the text. */
enum Logprobs {
  OMIT,
  WRITE
}

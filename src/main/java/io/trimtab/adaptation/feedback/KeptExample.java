package io.trimtab.adaptation.feedback;

/** An example, and what it is good for now. */
public record KeptExample(Example example, ExampleState state) {}

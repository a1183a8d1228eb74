package io.trimtab.adaptation.governor;

/**
 * What is to be done about a signal.
 *
 * @param scale to damp to; that of now for any other action
 * @param reason in words, for the record
 */
public record Decision(GovernorAction action, float scale, String reason) {}

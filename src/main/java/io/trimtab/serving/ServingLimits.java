package io.trimtab.serving;

/**
 * What one request may bring, and what is kept for a client that reads slowly. All bounds are
 * inclusive.
 *
 * @param messagesMax messages in a conversation
 * @param partsMax parts in one message
 * @param picturesMax pictures in a conversation
 * @param textCharactersMax characters of text in a request: all messages, the continuation to score
 * @param pendingCharactersMax characters of answer held back for a client that is not ready; a
 *     token log-probability counts as 32 and its text
 */
public record ServingLimits(
    int messagesMax,
    int partsMax,
    int picturesMax,
    int textCharactersMax,
    int pendingCharactersMax) {
  /** Generous for conversations, small beside the memory of a server. */
  public static final ServingLimits DEFAULT = new ServingLimits(256, 64, 64, 1 << 20, 1 << 20);

  public ServingLimits {
    requirePositive("messagesMax", messagesMax);
    requirePositive("partsMax", partsMax);
    requirePositive("picturesMax", picturesMax);
    requirePositive("textCharactersMax", textCharactersMax);
    requirePositive("pendingCharactersMax", pendingCharactersMax);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("%s is %d, expected 1 and above".formatted(name, value));
    }
  }
}

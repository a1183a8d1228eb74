package io.trimtab.model.text;

/**
 * An entry of tokenizer.json's {@code added_tokens}: text that is one token wherever it is matched.
 *
 * @param id token id
 * @param content the text
 * @param singleWord matched only where no word character touches it
 * @param lstrip takes the white space before it along
 * @param rstrip takes the white space after it along
 * @param special left out of decoded text, and recognised only where a chat template wrote it
 */
record AddedToken(
    int id, String content, boolean singleWord, boolean lstrip, boolean rstrip, boolean special) {}

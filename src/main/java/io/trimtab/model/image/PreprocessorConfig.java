package io.trimtab.model.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig.GridSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a checkpoint says about preparing pictures: the {@code image_processor} of
 * processor_config.json, where newer checkpoints keep it, else preprocessor_config.json. A field
 * that is absent has the default of transformers' processor of that family.
 *
 * @param resample filter of every resizing
 * @param scale from levels to floats
 * @param geometry what is the family's own
 * @param visionAspectRatio {@code anyres_max_N} as processor_config.json names it, or empty text
 */
public record PreprocessorConfig(
    Filter resample, PixelScale scale, Geometry geometry, String visionAspectRatio) {

  /** How the picture is cut. */
  public sealed interface Geometry permits Square, Tiles, Patches {}

  /**
   * LLaVA-1.5: CLIP's or SigLIP's own.
   *
   * @param side pixels along the square's side
   */
  public record Square(int side, Fit fit) implements Geometry {}

  /** How a picture becomes a square. */
  public sealed interface Fit permits Cropped, Squeezed {}

  /**
   * Its middle is cut out.
   *
   * @param edge pixels that its shorter side is resized to before; not fewer than the square's
   */
  public record Cropped(int edge) implements Fit {}

  /** It is resized whole, whatever its proportions. */
  public record Squeezed() implements Fit {}

  /**
   * LLaVA-NeXT and LLaVA-OneVision.
   *
   * @param tileSize pixels along a tile's side
   * @param gridPinpoints candidate resolutions; empty where the file leaves them to the model
   */
  public record Tiles(int tileSize, List<GridSize> gridPinpoints) implements Geometry {
    public Tiles {
      gridPinpoints = List.copyOf(gridPinpoints);
    }
  }

  /**
   * Qwen2.5-VL.
   *
   * @param patchSize pixels along a patch's side
   * @param temporalPatchSize frames of a patch; a picture is repeated to fill them
   * @param mergeSize patches along the side of a token
   * @param sizing whether the picture may be resized
   */
  public record Patches(int patchSize, int temporalPatchSize, int mergeSize, Sizing sizing)
      implements Geometry {}

  /** How the size in pixels is chosen. */
  public sealed interface Sizing permits AsItIs, Within {}

  /** Never resized ({@code do_resize} false). */
  public record AsItIs() implements Sizing {}

  /** Resized to between {@code minPixels} and {@code maxPixels} in all. */
  public record Within(long minPixels, long maxPixels) implements Sizing {}

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
  private static final List<Double> CLIP_STD = List.of(0.26862954, 0.26130258, 0.27577711);
  private static final List<Double> HALVES = List.of(0.5, 0.5, 0.5);
  private static final String SIGLIP = "SiglipImageProcessor";

  /**
   * Reads a checkpoint folder.
   *
   * @throws TrimtabException INVALID_ARGUMENT where both files are missing or a field is malformed
   */
  public static PreprocessorConfig read(Path modelFolder) {
    Optional<JsonNode> processor = readJson(modelFolder, "processor_config.json");
    Optional<JsonNode> nested =
        processor.map(p -> p.path("image_processor")).filter(JsonNode::isObject);
    JsonNode root =
        nested
            .or(() -> readJson(modelFolder, "preprocessor_config.json"))
            .orElseThrow(
                () ->
                    TrimtabException.invalid(
                        "Expected preprocessor_config.json, or an image_processor in"
                            + " processor_config.json, in the checkpoint folder; found neither"));
    String aspectRatio = processor.map(p -> p.path("vision_aspect_ratio").asText("")).orElse("");
    return of(new JsonFields(root), aspectRatio);
  }

  private static PreprocessorConfig of(JsonFields fields, String aspectRatio) {
    double factor = fields.flag("do_rescale") ? fields.number("rescale_factor", 1 / 255.0) : 1;
    boolean normalize = fields.flag("do_normalize");
    boolean siglip = fields.text("image_processor_type").startsWith(SIGLIP);
    PixelScale scale =
        new PixelScale(
            factor,
            normalize
                ? fields.channels("image_mean", siglip ? HALVES : CLIP_MEAN)
                : List.of(0.0, 0.0, 0.0),
            normalize
                ? fields.channels("image_std", siglip ? HALVES : CLIP_STD)
                : List.of(1.0, 1.0, 1.0));
    if (scale.std().contains(0.0)) {
      throw TrimtabException.invalid("Expected image_std other than 0, got " + scale.std());
    }
    Filter resample = Filter.of(fields.integer("resample", Filter.BICUBIC.number()));
    return new PreprocessorConfig(resample, scale, geometry(fields), aspectRatio);
  }

  private static Geometry geometry(JsonFields fields) {
    String type = fields.text("image_processor_type");
    if (type.startsWith("LlavaOnevisionImageProcessor")) {
      return tiles(fields, square(fields.size("size"), 384));
    }
    if (type.startsWith("LlavaNextImageProcessor")) {
      int side = square(fields.size("size"), 224);
      requireNoCrop(fields, side);
      return tiles(fields, side);
    }
    if (type.startsWith("CLIPImageProcessor")) {
      return clip(fields);
    }
    if (type.startsWith("LlavaImageProcessor")) {
      if (fields.has("do_pad") && fields.flag("do_pad")) {
        throw TrimtabException.invalid("Expected do_pad false: padding to a square is not built");
      }
      return clip(fields);
    }
    if (type.startsWith(SIGLIP)) {
      requireResize(fields);
      return new Square(square(fields.size("size"), 224), new Squeezed());
    }
    if (type.startsWith("Qwen2VLImageProcessor") || type.startsWith("Qwen2_5_VLImageProcessor")) {
      return patches(fields);
    }
    throw TrimtabException.invalid(
        "Expected image_processor_type LlavaOnevisionImageProcessor, LlavaNextImageProcessor,"
            + " CLIPImageProcessor, SiglipImageProcessor or Qwen2VLImageProcessor, got "
            + type);
  }

  private static Square clip(JsonFields fields) {
    requireResize(fields);
    JsonFields size = fields.size("size");
    if (size.has("height") || size.has("width")) {
      int side = square(size, 224);
      requireNoCrop(fields, side);
      return new Square(side, new Squeezed());
    }
    int edge = size.positive("shortest_edge", 224);
    if (!fields.flag("do_center_crop")) {
      throw TrimtabException.invalid(
          "Expected do_center_crop true where a size is a shortest_edge: a tower takes squares");
    }
    int side = square(fields.size("crop_size"), 224);
    if (side > edge) {
      throw TrimtabException.invalid(
          "Expected a crop_size of at most the shortest_edge %d, got %d".formatted(edge, side));
    }
    return new Square(side, new Cropped(edge));
  }

  private static void requireResize(JsonFields fields) {
    if (!fields.flag("do_resize")) {
      throw TrimtabException.invalid("Expected do_resize true: a tower takes squares of one size");
    }
  }

  /** Cutting a square out of one of the same size changes nothing. */
  private static void requireNoCrop(JsonFields fields, int side) {
    int crop = square(fields.size("crop_size"), side);
    if (fields.flag("do_center_crop") && crop != side) {
      throw TrimtabException.invalid(
          "Expected a crop_size of the size %d, got %d".formatted(side, crop));
    }
  }

  private static int square(JsonFields size, int otherwise) {
    int edge = size.positive("shortest_edge", otherwise);
    int height = size.positive("height", edge);
    int width = size.positive("width", edge);
    if (height != width) {
      throw TrimtabException.invalid(
          "Expected a square size, got %d×%d (height×width)".formatted(height, width));
    }
    return height;
  }

  private static Tiles tiles(JsonFields fields, int tileSize) {
    List<GridSize> pinpoints = new ArrayList<>();
    for (JsonNode pair : fields.array("image_grid_pinpoints")) {
      if (pair.size() != 2 || pair.path(0).asInt() < 1 || pair.path(1).asInt() < 1) {
        throw TrimtabException.invalid(
            "Expected image_grid_pinpoints as pairs of height and width, got " + pair);
      }
      pinpoints.add(new GridSize(pair.path(0).asInt(), pair.path(1).asInt()));
    }
    return new Tiles(tileSize, pinpoints);
  }

  private static Patches patches(JsonFields fields) {
    JsonFields size = fields.object("size");
    // Two spellings; min_pixels and max_pixels at the top overrule, as in transformers.
    long least = size.positive("shortest_edge", size.positive("min_pixels", 56 * 56));
    long most = size.positive("longest_edge", size.positive("max_pixels", 28 * 28 * 1280));
    Within within =
        new Within(
            fields.positive("min_pixels", (int) least), fields.positive("max_pixels", (int) most));
    if (within.minPixels() > within.maxPixels()) {
      throw TrimtabException.invalid(
          "Expected min_pixels up to max_pixels, got %d and %d"
              .formatted(within.minPixels(), within.maxPixels()));
    }
    return new Patches(
        fields.positive("patch_size", 14),
        fields.positive("temporal_patch_size", 2),
        fields.positive("merge_size", 2),
        fields.flag("do_resize") ? within : new AsItIs());
  }

  private static Optional<JsonNode> readJson(Path folder, String name) {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(MAPPER.readTree(file.toFile()));
    } catch (JsonProcessingException e) {
      throw TrimtabException.invalid(
          "Expected JSON in %s: %s".formatted(name, e.getOriginalMessage()));
    } catch (IOException e) {
      throw TrimtabException.invalid("%s cannot be read: %s".formatted(name, e.getMessage()));
    }
  }
}

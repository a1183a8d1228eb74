package io.trimtab.engine.vision;

import io.trimtab.engine.delta.HostDelta;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.image.ImagePreprocessor;
import io.trimtab.model.image.PatchedImage;
import io.trimtab.model.image.PictureDecoder;
import io.trimtab.model.image.PreparedImage;
import io.trimtab.model.image.SquareImage;
import io.trimtab.model.image.TiledImage;
import io.trimtab.model.text.GridShape;
import io.trimtab.model.text.Picture;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encoded pictures in, embeddings out: decoded, counted, seen by the tower and projected, each of
 * these once as far as the caches reach. Any number of threads.
 */
public final class PictureEncoder {
  /** Of the pixels that a request's pictures hold while they wait for the tower: 64 MiB. */
  public static final long PIXEL_BYTES_KEPT = 64L << 20;

  private final PictureDecoder decoder;
  private final ImagePreprocessor preprocessor;
  private final VisionTower tower;
  private final MultimodalProjector projector;
  private final BoundedCache<String, TowerFeatures> features;
  private final BoundedCache<ImageKey, ImageEmbeddings> embeddings;
  private final long pixelBytesKept;

  /**
   * @param features what the tower saw in a picture, by the picture's sha-256
   * @param pixelBytesKept of one request; pictures beyond that, the first excepted, are decoded a
   *     second time when the tower comes to them
   */
  public PictureEncoder(
      PictureDecoder decoder,
      ImagePreprocessor preprocessor,
      VisionTower tower,
      MultimodalProjector projector,
      BoundedCache<String, TowerFeatures> features,
      BoundedCache<ImageKey, ImageEmbeddings> embeddings,
      long pixelBytesKept) {
    this.decoder = decoder;
    this.preprocessor = preprocessor;
    this.tower = tower;
    this.projector = projector;
    this.features = features;
    this.embeddings = embeddings;
    this.pixelBytesKept = pixelBytesKept;
  }

  /**
   * Begins with one request's pictures.
   *
   * @param delta whose projector they pass; null for base
   */
  public Viewing viewing(@Nullable HostDelta delta) {
    return new Viewing(delta);
  }

  /**
   * What the tower sees in a picture.
   *
   * @throws TrimtabException INVALID_ARGUMENT for what can't be decoded
   */
  public TowerFeatures features(Picture picture) {
    TowerFeatures known = features.get(picture.sha256());
    return known == null ? featured(picture.sha256(), prepared(picture)) : known;
  }

  private PreparedImage prepared(Picture picture) {
    return preprocessor.prepare(decoder.decode(picture.encoded()));
  }

  /** The tower runs once for a picture that several requests bring at the same time. */
  private TowerFeatures featured(String picture, PreparedImage image) {
    synchronized (tower) {
      TowerFeatures known = features.get(picture);
      if (known != null) {
        return known;
      }
      TowerFeatures encoded = tower.encode(image);
      features.put(picture, encoded);
      return encoded;
    }
  }

  private ImageEmbeddings projected(ImageKey key, TowerFeatures seen, @Nullable HostDelta delta) {
    ImageEmbeddings known = embeddings.get(key);
    if (known != null) {
      return known;
    }
    ImageEmbeddings projected = projector.project(key, seen, delta);
    embeddings.put(key, projected);
    return projected;
  }

  /** The pictures of one request: each is counted first, and embedded once all fit. One thread. */
  public final class Viewing {
    private final @Nullable HostDelta delta;
    private final List<Counted> pictures = new ArrayList<>();
    private long tokens;
    private long pixelBytes;

    private Viewing(@Nullable HostDelta delta) {
      this.delta = delta;
    }

    /**
     * Takes the next picture and counts its tokens.
     *
     * @throws TrimtabException INVALID_ARGUMENT for what can't be decoded
     */
    public void add(Picture picture) {
      Counted next = counted(picture);
      tokens += next.tokens();
      pictures.add(next);
    }

    private Counted counted(Picture picture) {
      ImageKey key = ImageKey.of(picture.sha256(), delta);
      ImageEmbeddings known = embeddings.get(key);
      if (known != null) {
        return new Counted.Projected(known);
      }
      TowerFeatures seen = features.get(picture.sha256());
      if (seen != null) {
        return new Counted.Featured(key, seen);
      }
      PreparedImage image = prepared(picture);
      if (pixelBytes > 0 && pixelBytes + image.bytes() > pixelBytesKept) {
        return new Counted.Encoded(key, picture, image.tokenCount(), grid(image));
      }
      pixelBytes += image.bytes();
      return new Counted.Prepared(key, image);
    }

    /** Pictures so far. */
    public int size() {
      return pictures.size();
    }

    /** Their tokens together. */
    public long tokens() {
      return tokens;
    }

    /** The tokens of each. */
    public int[] tokenCounts() {
      return pictures.stream().mapToInt(Counted::tokens).toArray();
    }

    public List<GridShape> grids() {
      return pictures.stream().map(Counted::grid).toList();
    }

    /** Of pixels that wait for the tower. */
    long pixelBytes() {
      return pixelBytes;
    }

    /** Has the tower look at what it has not seen yet. */
    public List<ImageEmbeddings> embeddings() {
      return pictures.stream().map(this::embedded).toList();
    }

    private ImageEmbeddings embedded(Counted picture) {
      return switch (picture) {
        case Counted.Projected(ImageEmbeddings known) -> known;
        case Counted.Featured(ImageKey key, TowerFeatures known) -> projected(key, known, delta);
        case Counted.Prepared(ImageKey key, PreparedImage image) ->
            projected(key, featured(key.picture(), image), delta);
        case Counted.Encoded(ImageKey key, Picture encoded, int _, GridShape _) ->
            projected(key, features(encoded), delta);
      };
    }
  }

  private static GridShape grid(PreparedImage image) {
    return switch (image) {
      case SquareImage square -> new GridShape(1, square.tokenCount());
      case TiledImage tiled -> new GridShape(1, tiled.tokenCount());
      case PatchedImage patched ->
          new GridShape(
              patched.gridHeight() / patched.mergeSize(),
              patched.gridWidth() / patched.mergeSize());
    };
  }

  /** A picture whose tokens are counted, as far as it has come on its way to the prompt. */
  private sealed interface Counted {
    int tokens();

    GridShape grid();

    record Projected(ImageEmbeddings embeddings) implements Counted {
      @Override
      public int tokens() {
        return embeddings.tokens();
      }

      @Override
      public GridShape grid() {
        return embeddings.grid();
      }
    }

    record Featured(ImageKey key, TowerFeatures features) implements Counted {
      @Override
      public int tokens() {
        return features.tokens();
      }

      @Override
      public GridShape grid() {
        return features.grid();
      }
    }

    record Prepared(ImageKey key, PreparedImage image) implements Counted {
      @Override
      public int tokens() {
        return image.tokenCount();
      }

      @Override
      public GridShape grid() {
        return PictureEncoder.grid(image);
      }
    }

    /** Its pixels are not kept: many large ones would fill the memory. */
    record Encoded(ImageKey key, Picture picture, int tokens, GridShape grid) implements Counted {}
  }
}

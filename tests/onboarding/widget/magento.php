<?php
/**
 * Renders the module's layout block as Magento would, with stand-ins of the few Magento classes it uses.
 *
 * php magento.php MODULE_FOLDER < {"config": {path: value}, "product": {...} or null}
 * prints {"html", "registered"}.
 */
declare(strict_types=1);

namespace Magento\Framework\Component {
    class ComponentRegistrar
    {
        public const MODULE = 'module';
        public static array $registered = [];

        public static function register(string $type, string $name, string $path): void
        {
            self::$registered[] = [$type, $name, $path];
        }
    }
}

namespace Magento\Framework\View\Element\Block {
    interface ArgumentInterface
    {
    }
}

namespace Magento\Framework\Data {
    interface OptionSourceInterface
    {
        public function toOptionArray();
    }
}

namespace Magento\Store\Model {
    interface ScopeInterface
    {
        public const SCOPE_STORE = 'store';
    }
}

namespace Magento\Framework\App\Config {
    interface ScopeConfigInterface
    {
        public function getValue($path, $scopeType = 'default', $scopeCode = null);
    }
}

namespace Magento\Framework\Serialize\Serializer {
    class Json
    {
        public function serialize($data)
        {
            return json_encode($data, JSON_THROW_ON_ERROR);
        }

        public function unserialize($string)
        {
            return json_decode($string, true, 512, JSON_THROW_ON_ERROR);
        }
    }
}

namespace Magento\Framework {
    class Escaper
    {
        /** Whatever ASCII has besides letters and digits becomes an entity, as Magento does it. */
        public function escapeHtmlAttr(string $string): string
        {
            return preg_replace_callback(
                '/[^a-z0-9,._\x80-\xff-]/i',
                static fn (array $found): string => sprintf('&#x%X;', ord($found[0])),
                $string
            );
        }
    }
}

namespace Magento\Framework\View\Helper {
    class SecureHtmlRenderer
    {
        public function renderTag(string $tag, array $attributes, ?string $content, bool $textContent = true): string
        {
            $written = '';
            foreach ($attributes as $name => $value) {
                $written .= sprintf(' %s="%s"', $name, htmlspecialchars((string) $value, ENT_QUOTES));
            }
            return "<$tag$written>" . ($textContent ? htmlspecialchars((string) $content) : $content) . "</$tag>";
        }
    }
}

namespace Magento\ConfigurableProduct\Model\Product\Type {
    class Configurable
    {
        public const TYPE_CODE = 'configurable';

        public function __construct(private array $given)
        {
        }

        public function getConfigurableAttributes($product): array
        {
            return array_map(static fn (array $one) => new class ($one) {
                public function __construct(private array $one)
                {
                }

                public function getAttributeId()
                {
                    return $this->one['id'];
                }

                public function getProductAttribute(): self
                {
                    return $this;
                }

                public function getAttributeCode(): string
                {
                    return $this->one['code'];
                }
            }, $this->given['attributes']);
        }

        public function getUsedProducts($product): array
        {
            return array_map(
                static fn (array $one) => new \Magento\Catalog\Model\Product($one),
                $this->given['children']
            );
        }
    }
}

namespace Magento\Catalog\Model {
    class Product
    {
        public function __construct(private array $given)
        {
        }

        public function getId()
        {
            return $this->given['id'];
        }

        public function getTypeId(): string
        {
            return $this->given['type'] ?? 'simple';
        }

        public function getTypeInstance(): \Magento\ConfigurableProduct\Model\Product\Type\Configurable
        {
            return new \Magento\ConfigurableProduct\Model\Product\Type\Configurable($this->given);
        }

        public function getData(string $name)
        {
            return $this->given[$name] ?? null;
        }
    }
}

namespace Magento\Catalog\Block\Product {
    class View
    {
        public function __construct(private array $data, private ?\Magento\Catalog\Model\Product $product)
        {
        }

        public function getData(string $name)
        {
            return $this->data[$name] ?? null;
        }

        public function getProduct(): ?\Magento\Catalog\Model\Product
        {
            return $this->product;
        }

        public function getViewFileUrl(string $file): string
        {
            return '/static/' . str_replace('::', '/', $file);
        }
    }
}

namespace {
    function __(string $text): string
    {
        return $text;
    }

    set_error_handler(static function (int $code, string $message, string $file, int $line): bool {
        throw new ErrorException($message, 0, $code, $file, $line);
    });
    $folder = $argv[1];
    $given = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
    spl_autoload_register(static function (string $class) use ($folder): void {
        $prefix = 'Kleep\\SizeButton\\';
        if (str_starts_with($class, $prefix)) {
            require $folder . '/' . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
        }
    });
    require $folder . '/registration.php';
    $config = new class ($given['config']) implements \Magento\Framework\App\Config\ScopeConfigInterface {
        public function __construct(private array $values)
        {
        }

        public function getValue($path, $scopeType = 'default', $scopeCode = null)
        {
            if ($scopeType !== \Magento\Store\Model\ScopeInterface::SCOPE_STORE) {
                throw new LogicException("$path is not read for the store view");
            }
            return $this->values[$path] ?? null;
        }
    };
    $viewModel = new \Kleep\SizeButton\ViewModel\Widget($config, new \Magento\Framework\Serialize\Serializer\Json());
    $product = $given['product'] ? new \Magento\Catalog\Model\Product($given['product']) : null;
    $block = new \Magento\Catalog\Block\Product\View(['view_model' => $viewModel], $product);
    $escaper = new \Magento\Framework\Escaper();
    $secureRenderer = new \Magento\Framework\View\Helper\SecureHtmlRenderer();
    $render = static function () use ($folder, $block, $escaper, $secureRenderer): string {
        ob_start();
        include $folder . '/view/frontend/templates/widget.phtml';
        return ob_get_clean();
    };
    $options = [];
    foreach (['ButtonColor', 'ConsentTool', 'Environment', 'Where'] as $name) {
        $class = "Kleep\\SizeButton\\Model\\Config\\Source\\$name";
        $options[$name] = array_column((new $class())->toOptionArray(), 'value');
    }
    echo json_encode([
        'html' => $render(),
        'registered' => \Magento\Framework\Component\ComponentRegistrar::$registered,
        'options' => $options,
    ], JSON_THROW_ON_ERROR);
}

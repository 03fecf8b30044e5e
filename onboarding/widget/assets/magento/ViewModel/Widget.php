<?php
declare(strict_types=1);

namespace Kleep\SizeButton\ViewModel;

use Magento\Catalog\Model\Product;
use Magento\ConfigurableProduct\Model\Product\Type\Configurable;
use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\Serialize\Serializer\Json;
use Magento\Framework\View\Element\Block\ArgumentInterface;
use Magento\Store\Model\ScopeInterface;

/**
 * What the product page tells Kleep's script: the settings of the store view and the sizes of the product.
 */
class Widget implements ArgumentInterface
{
    private const VERSION = '@VERSION@';
    private const NAMES = '@NAMES@';
    private const BUTTON = '@BUTTON@';
    private const SECTION = 'kleep_size_button/';

    /**
     * @var ScopeConfigInterface
     */
    private $scopeConfig;

    /**
     * @var Json
     */
    private $json;

    /**
     * @param ScopeConfigInterface $scopeConfig
     * @param Json $json
     */
    public function __construct(ScopeConfigInterface $scopeConfig, Json $json)
    {
        $this->scopeConfig = $scopeConfig;
        $this->json = $json;
    }

    /**
     * Whether there is enough to show a button.
     *
     * @return bool
     */
    public function isReady(): bool
    {
        return $this->setting('general/retailer_uuid') !== '' && $this->setting('general/script_url') !== '';
    }

    /**
     * Tells Kleep which build of this module it meets.
     *
     * @return string
     */
    public function getVersion(): string
    {
        return self::VERSION;
    }

    /**
     * The settings of the store view as JSON.
     *
     * @return string
     */
    public function getSettings(): string
    {
        $locale = (string) $this->scopeConfig->getValue('general/locale/code', ScopeInterface::SCOPE_STORE);
        $country = (string) $this->scopeConfig->getValue('general/country/default', ScopeInterface::SCOPE_STORE);
        return (string) $this->json->serialize([
            'version' => self::VERSION,
            'script' => $this->setting('general/script_url'),
            'button' => self::BUTTON,
            'names' => $this->json->unserialize(self::NAMES),
            'values' => [
                'retailer' => $this->setting('general/retailer_uuid'),
                'category' => $this->setting('button/category'),
                'color' => $this->setting('button/color'),
                'font' => $this->setting('button/font'),
                'environment' => $this->setting('general/environment'),
            ],
            'language' => $this->setting('button/language') ?: $this->languageOf($locale),
            'country' => $this->setting('button/country') ?: $country,
            'stores' => (object) [],
            'tool' => $this->setting('consent/tool'),
            'consent' => $this->setting('consent/key'),
            'selector' => $this->setting('button/selector'),
            'where' => $this->setting('button/where'),
        ]);
    }

    /**
     * The id of a product that has no sizes to choose from, which is its own variant.
     *
     * @param Product $product
     * @return string
     */
    public function getOnlyVariant(Product $product): string
    {
        return $product->getTypeId() === Configurable::TYPE_CODE ? '' : (string) $product->getId();
    }

    /**
     * For each variant its option of each attribute, as JSON: {"variant": {"attribute": "option"}}.
     *
     * @param Product $product
     * @return string
     */
    public function getVariants(Product $product): string
    {
        $variants = [];
        if ($product->getTypeId() === Configurable::TYPE_CODE) {
            /** @var Configurable $type */
            $type = $product->getTypeInstance();
            $codes = [];
            foreach ($type->getConfigurableAttributes($product) as $attribute) {
                $codes[$attribute->getAttributeId()] = $attribute->getProductAttribute()->getAttributeCode();
            }
            foreach ($type->getUsedProducts($product) as $child) {
                foreach ($codes as $id => $code) {
                    $variants[$child->getId()][$id] = (string) $child->getData($code);
                }
            }
        }
        return (string) $this->json->serialize((object) $variants);
    }

    /**
     * One of this module's settings, for the current store view.
     *
     * @param string $path
     * @return string
     */
    private function setting(string $path): string
    {
        return trim((string) $this->scopeConfig->getValue(self::SECTION . $path, ScopeInterface::SCOPE_STORE));
    }

    /**
     * Kleep's code of a language: the first two letters of the locale, and "br" for Brazilian Portuguese.
     *
     * @param string $locale
     * @return string
     */
    private function languageOf(string $locale): string
    {
        return $locale === 'pt_BR' ? 'br' : strtolower(substr($locale, 0, 2));
    }
}

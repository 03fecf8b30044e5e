<?php
declare(strict_types=1);

namespace Kleep\SizeButton\Model\Config\Source;

use Magento\Framework\Data\OptionSourceInterface;

/**
 * The consent tools that the script knows by name.
 */
class ConsentTool implements OptionSourceInterface
{
    /**
     * @inheritdoc
     */
    public function toOptionArray(): array
    {
        return [
            ['value' => 'axeptio', 'label' => 'Axeptio'],
            ['value' => 'didomi', 'label' => 'Didomi'],
            ['value' => 'onetrust', 'label' => 'OneTrust'],
            ['value' => 'cookiebot', 'label' => 'Cookiebot'],
            ['value' => 'tarteaucitron', 'label' => 'tarteaucitron'],
            ['value' => 'usercentrics', 'label' => 'Usercentrics'],
            ['value' => 'callback', 'label' => __('Another one, which calls kleepConsent(true)')],
        ];
    }
}

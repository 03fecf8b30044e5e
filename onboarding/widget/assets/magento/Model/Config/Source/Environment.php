<?php
declare(strict_types=1);

namespace Kleep\SizeButton\Model\Config\Source;

use Magento\Framework\Data\OptionSourceInterface;

/**
 * Test site or production.
 */
class Environment implements OptionSourceInterface
{
    /**
     * @inheritdoc
     */
    public function toOptionArray(): array
    {
        return [
            ['value' => 'preprod', 'label' => __('Test site')],
            ['value' => 'production', 'label' => __('Production')],
        ];
    }
}
